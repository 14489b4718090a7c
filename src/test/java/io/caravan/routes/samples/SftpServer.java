package io.caravan.routes.samples;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/** An SFTP server with one user, whose home is a folder. */
final class SftpServer implements AutoCloseable {
  static final String USER = "carrier";

  private final SshServer server = SshServer.setUpDefaultServer();
  private final Path identity;
  private final Path knownHosts;

  /** Starts on a free port; the keys are written into a folder beside the home. */
  SftpServer(Path home, Path keys) throws IOException, NoSuchAlgorithmException {
    this(home, keys, 0);
  }

  SftpServer(Path home, Path keys, int port) throws IOException, NoSuchAlgorithmException {
    KeyPair host = newKey();
    KeyPair user = newKey();
    Files.createDirectories(home);
    server.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    server.setPort(port);
    server.setKeyPairProvider(KeyPairProvider.wrap(host));
    server.setPublickeyAuthenticator(
        (name, key, session) -> name.equals(USER) && KeyUtils.compareKeys(key, user.getPublic()));
    server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
    server.setFileSystemFactory(new VirtualFileSystemFactory(home));
    server.start();
    identity = pem(keys.resolve("identity"), user);
    knownHosts = knownHost(keys.resolve("known_hosts"), host.getPublic());
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  Path identity() {
    return identity;
  }

  Path knownHosts() {
    return knownHosts;
  }

  @Override
  public void close() throws IOException {
    server.stop(true);
  }

  private static KeyPair newKey() throws NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static Path pem(Path file, KeyPair key) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write("-----BEGIN PRIVATE KEY-----\n".getBytes(StandardCharsets.US_ASCII));
      out.write(Base64.getMimeEncoder().encode(key.getPrivate().getEncoded()));
      out.write("\n-----END PRIVATE KEY-----\n".getBytes(StandardCharsets.US_ASCII));
    }
    return file;
  }

  private Path knownHost(Path file, PublicKey key) throws IOException {
    return Files.writeString(
        file, "[127.0.0.1]:%d %s\n".formatted(server.getPort(), PublicKeyEntry.toString(key)));
  }
}
