package io.caravan.flow.step;

import io.caravan.disk.DiskReserve;
import io.caravan.workspace.Workspace;
import io.caravan.workspace.WorkspaceException;
import java.nio.file.Files;
import java.util.Map;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** The health component {@code workspace}: reachable, writable, and nothing waits for space. */
@Component("workspaceHealthIndicator")
public class WorkspaceHealth extends AbstractHealthIndicator {
  private final Workspace workspace;
  private final RoomWaits rooms;

  public WorkspaceHealth(Workspace workspace, RoomWaits rooms) {
    super("the workspace cannot be used");
    this.workspace = workspace;
    this.rooms = rooms;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) throws Exception {
    try {
      workspace.check();
    } catch (WorkspaceException e) { // the waiting steps log it, so no stack trace here
      health.down().withDetail("error", e.getMessage());
      return;
    }
    long room = DiskReserve.current().room(workspace.root());
    Map<String, String> waiting = rooms.waiting();
    boolean fine = Files.isWritable(workspace.root()) && room >= 0 && waiting.isEmpty();
    health
        .status(fine ? "UP" : "DOWN")
        .withDetail("workspace", workspace.toString())
        .withDetail("folder", workspace.root().toAbsolutePath().toString())
        .withDetail("freeMegabytesBesideReserve", room >> 20);
    if (!waiting.isEmpty()) {
      health.withDetail("waitingForRoom", waiting);
    }
  }
}
