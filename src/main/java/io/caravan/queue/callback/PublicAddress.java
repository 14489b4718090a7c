package io.caravan.queue.callback;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells public addresses from all others, by IANA's registries of special addresses. Of IPv6, only
 * what is assigned (2000::/3) is public; addresses that stand for one of IPv4 are not, since they
 * may lead anywhere.
 */
final class PublicAddress {
  private static final int IPV4_BITS = 32;

  private static final List<Block> NOT_PUBLIC =
      Stream.of(
              "0.0.0.0/8", // this network
              "10.0.0.0/8", // private
              "100.64.0.0/10", // carrier-grade NAT
              "127.0.0.0/8", // loopback
              "168.63.129.16/32", // Azure's virtual server for its machines
              "169.254.0.0/16", // link-local, with the metadata services of clouds
              "172.16.0.0/12", // private
              "192.0.0.0/24", // protocol assignments
              "192.0.2.0/24", // documentation
              "192.88.99.0/24", // 6to4 relays
              "192.168.0.0/16", // private
              "198.18.0.0/15", // benchmarks
              "198.51.100.0/24", // documentation
              "203.0.113.0/24", // documentation
              "224.0.0.0/4", // multicast
              "240.0.0.0/4", // reserved, and broadcast
              "2001::/23", // protocol assignments, with Teredo
              "2001:db8::/32", // documentation
              "2002::/16", // 6to4
              "3fff::/20") // documentation
          .map(Block::of)
          .toList();

  private static final Block ASSIGNED_IPV6 = Block.of("2000::/3");

  private PublicAddress() {}

  static boolean is(InetAddress address) {
    byte[] bytes = address.getAddress(); // an IPv4-mapped address is one of IPv4 here
    return (bytes.length * Byte.SIZE == IPV4_BITS || ASSIGNED_IPV6.holds(bytes))
        && NOT_PUBLIC.stream().noneMatch(block -> block.holds(bytes));
  }

  /** All addresses that begin with the same bits. */
  private record Block(int bytes, int rest, BigInteger start) {
    static Block of(String cidr) {
      int slash = cidr.indexOf('/');
      byte[] first = literal(cidr.substring(0, slash)).getAddress();
      int rest = first.length * Byte.SIZE - Integer.parseInt(cidr.substring(slash + 1));
      return new Block(first.length, rest, new BigInteger(1, first).shiftRight(rest));
    }

    private static InetAddress literal(String address) {
      try {
        return InetAddress.getByName(address);
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(address, e);
      }
    }

    boolean holds(byte[] address) {
      return address.length == bytes && new BigInteger(1, address).shiftRight(rest).equals(start);
    }
  }
}
