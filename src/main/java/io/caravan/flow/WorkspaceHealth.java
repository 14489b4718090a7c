package io.caravan.flow;

import io.caravan.batch.Workspace;
import io.caravan.batch.WorkspaceException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/** The health component {@code workspace}: it can be reached and has room. */
@Component("workspaceHealthIndicator")
class WorkspaceHealth extends AbstractHealthIndicator {
  private static final DataSize LOW = DataSize.ofMegabytes(100);

  private final Workspace workspace;

  WorkspaceHealth(Workspace workspace) {
    super("the workspace cannot be used");
    this.workspace = workspace;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) throws Exception {
    try {
      workspace.check();
    } catch (WorkspaceException e) { // told by the steps that wait, so not by a stack trace here
      health.down().withDetail("error", e.getMessage());
      return;
    }
    FileStore disk = Files.getFileStore(workspace.root());
    long free = disk.getUsableSpace();
    health
        .status(Files.isWritable(workspace.root()) && free >= LOW.toBytes() ? "UP" : "DOWN")
        .withDetail("workspace", workspace.toString())
        .withDetail("folder", workspace.root().toAbsolutePath().toString())
        .withDetail("freeMegabytes", free >> 20);
  }
}
