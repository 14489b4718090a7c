package io.caravan.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.settings.ServerSettings;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.Batches;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.FileForm;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.Owner;
import io.caravan.server.store.Permits;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.IdKind;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The reader of create requests for batches; stores inline requests as a file, as if uploaded. */
public final class BatchOrders {
  private static final String FILE_NAME = "requests.jsonl";

  private final StoredFiles files;
  private final OtherProviders others;
  private final ServerSettings settings;
  private final DiskQuota quota;
  private final Permits permits;
  private final long maxBytes;

  /**
   * @param maxBytes the limit of a body with inline requests
   */
  public BatchOrders(
      StoredFiles files,
      OtherProviders others,
      ServerSettings settings,
      DiskQuota quota,
      Permits permits,
      long maxBytes) {
    this.files = files;
    this.others = others;
    this.settings = settings;
    this.quota = quota;
    this.permits = permits;
    this.maxBytes = maxBytes;
  }

  /** Rejects an unknown provider. */
  void checkProvider(String name) {
    BatchProvider.check(name, "provider", others);
  }

  /** Checks the provider and model of the body; models in lines are checked when lines are read. */
  private void checkMayUse(BatchProvider provider, String owner) {
    permits.checkProvider(owner, provider.name());
    String model = provider.model();
    if (model != null) {
      permits.checkModel(owner, model);
    }
  }

  /** Providers that cost money require a client, unless they are open. */
  private void checkMayPay(String provider, String owner) {
    if (owner.equals(Owner.NONE)
        && !provider.equals(OtherProviders.LOCAL)
        && !settings.openProviders().contains(provider)) {
      throw new ApiException(
          403,
          ApiError.invalidRequest(
              "Batches for provider '%s' cost money, so they need a client's key: set one (caravan.server.keys), or add the provider to caravan.server.open-providers."
                  .formatted(provider),
              "provider",
              "provider_not_open"));
    }
  }

  private BatchForm withInput(BatchForm form, String owner) {
    if (Batches.input(files, owner, form).isEmpty()) {
      throw ApiException.invalid(
          "No such File object: %s. A batch takes a file with purpose 'batch'."
              .formatted(form.inputFileId()),
          "input_file_id",
          null);
    }
    return form;
  }

  BatchForm read(HttpServletRequest request) throws IOException {
    var input = new BodyInput(request.getInputStream(), settings.maxLineBytes(), maxBytes);
    try (BatchBody body = BatchBody.read(input)) {
      ObjectNode members = body.members();
      BatchProvider provider = BatchProvider.of(members, others);
      checkMayUse(provider, Owner.of(request));
      provider.usable(others);
      checkMayPay(provider.name(), Owner.of(request));
      Path requests = body.requests();
      if (requests == null) {
        return withInput(BatchForm.parse(members, provider.name()), Owner.of(request));
      }
      String id = IdKind.FILE.next();
      BatchForm form = BatchForm.ofRequests(members, id, provider.name());
      quota.require(Files.size(requests));
      var array =
          new RequestArray(requests, form.endpoint(), provider.model(), settings.maxLineBytes());
      files.add(
          id,
          Owner.of(request),
          FILE_NAME,
          FileForm.BATCH,
          settings.lifetime(FileForm.BATCH, null),
          array::writeTo);
      return form;
    }
  }
}
