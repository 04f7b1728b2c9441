using System.Runtime.InteropServices;

namespace SearchEngine.Storage.Records;

/// <summary>
/// Puts the overflow buckets of a hash index's image into the order of the buckets that they belong to. FASTER gives them out as buckets
/// overflow, at random; a recovery follows every chain once, and with a million keys spent most of its time waiting for memory. The index
/// is the same: only the places of the overflow buckets and the pointers to them change.
/// <para>
/// The image is FASTER's (2.6): a table of buckets of 64 bytes, then the overflow buckets by their number. Seven words of a bucket are
/// entries; the low 48 bits of the eighth are the number of the next bucket of its chain, 0 at the end.
/// </para>
/// </summary>
internal static class IndexImageOrder
{
    private const int BucketWords = 8;
    private const int BucketBytes = BucketWords * sizeof(ulong);
    private const int NextWord = BucketWords - 1;
    private const ulong NextMask = (1UL << 48) - 1;

    /// <summary>Overflow buckets that are fewer than this part of the table's are followed quickly enough.</summary>
    private const int LeastPart = 16;

    /// <summary>
    /// 128 MB. Arranging holds an image and its overflow buckets once more in memory: larger ones are left as they are. They are of stores with
    /// a gigabyte of memory and more.
    /// </summary>
    private const long MostBytes = 128L << 20;

    /// <summary>Whether an image of these sizes is worth the reading.</summary>
    public static bool Pays(long imageBytes, long tableBytes) =>
        imageBytes <= MostBytes && imageBytes - tableBytes >= Math.Max(1, tableBytes / LeastPart);

    /// <summary>Arranges an image that is written whole and that nobody reads yet.</summary>
    /// <param name="image">Bytes of the table, then of the overflow buckets; changed where true is returned.</param>
    /// <param name="tableBytes">Bytes of the table.</param>
    /// <returns>
    /// False where there is little to gain, or where a chain leads nowhere or to where another has been: an image that is written beside
    /// changes may hold such, and is left to FASTER as it is.
    /// </returns>
    public static bool TryArrange(Span<byte> image, long tableBytes)
    {
        if (tableBytes > image.Length)
            return false;
        var words = MemoryMarshal.Cast<byte, ulong>(image);
        var table = words[..(int)(tableBytes / sizeof(ulong))];
        var overflow = words[table.Length..];
        if (Follow(table, overflow) is not { Length: > 0 } order || order.Length < tableBytes / BucketBytes / LeastPart)
            return false;
        // FASTER keeps the first numbers for itself; what comes after the last one in use is of no chain.
        var first = order.Min();
        var arranged = new ulong[overflow.Length];
        overflow[..(first * BucketWords)].CopyTo(arranged);
        for (var i = 0; i < order.Length; i++)
            overflow.Slice(order[i] * BucketWords, BucketWords).CopyTo(arranged.AsSpan((first + i) * BucketWords));
        arranged.CopyTo(overflow);
        var next = first;
        for (var at = NextWord; at < table.Length; at += BucketWords)
        {
            for (ref var link = ref table[at]; (link & NextMask) != 0; next++)
            {
                link = (link & ~NextMask) | (uint)next;
                link = ref overflow[next * BucketWords + NextWord];
            }
        }
        return true;
    }

    /// <summary>The numbers of the overflow buckets as the table's chains lead to them; null where one is not to be had twice.</summary>
    private static int[]? Follow(ReadOnlySpan<ulong> table, ReadOnlySpan<ulong> overflow)
    {
        var count = overflow.Length / BucketWords;
        var isTaken = new bool[count];
        var order = new List<int>(count);
        for (var at = NextWord; at < table.Length; at += BucketWords)
        {
            for (var next = table[at] & NextMask; next != 0; next = overflow[(int)next * BucketWords + NextWord] & NextMask)
            {
                if (next >= (ulong)count || isTaken[next])
                    return null;
                isTaken[next] = true;
                order.Add((int)next);
            }
        }
        return [.. order];
    }
}
