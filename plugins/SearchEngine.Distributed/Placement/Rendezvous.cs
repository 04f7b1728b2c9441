using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Placement;

/// <summary>
/// Rendezvous hashing (Thaler and Ravishankar 1998): every silo has a number for every shard, and the largest numbers hold it. A silo that
/// comes takes only the shards whose largest it has, one that goes leaves only its own to others.
/// </summary>
public static class Rendezvous
{
    /// <summary>The silos that hold a shard, best first; all of them where there are fewer than wanted.</summary>
    public static IReadOnlyList<string> Choose(LogShard shard, IEnumerable<string> silos, int replicas) =>
        [
            .. silos
                .Select(silo => (silo, weight: WeightOf(shard, silo)))
                .OrderByDescending(choice => choice.weight)
                .ThenBy(choice => choice.silo, StringComparer.Ordinal)
                .Take(replicas)
                .Select(choice => choice.silo),
        ];

    /// <summary>The number of a silo for a shard. Data lies where it says: it must not change.</summary>
    internal static ulong WeightOf(LogShard shard, string silo)
    {
        Span<byte> bytes = stackalloc byte[20 + ClusterMap.MaxNameLength * 3];
        shard.Collection.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], shard.Shard);
        var length = 20 + Encoding.UTF8.GetBytes(silo, bytes[20..]);
        return XxHash64.HashToUInt64(bytes[..length]);
    }
}
