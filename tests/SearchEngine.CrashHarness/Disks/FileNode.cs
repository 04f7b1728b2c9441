namespace SearchEngine.TestDisks;

/// <summary>A file: what was done to its bytes since they were last forced to the disk.</summary>
internal sealed class FileNode : DiskNode
{
    private const int SectorBytes = 512;

    private readonly List<Change> _unforced = [];

    /// <summary>A change of the bytes. <paramref name="After"/> is null where only the length changed.</summary>
    private sealed record Change(long Offset, byte[] Before, long LengthBefore, byte[]? After, long LengthAfter);

    public void Written(long offset, byte[] before, long lengthBefore, byte[] after) =>
        _unforced.Add(new Change(offset, before, lengthBefore, after, Math.Max(lengthBefore, offset + after.Length)));

    public void Resized(long length, byte[] cut, long lengthBefore) => _unforced.Add(new Change(length, cut, lengthBefore, null, length));

    public void Forced() => _unforced.Clear();

    /// <summary>What a loss of power leaves: the forced bytes, and of each later change all, whole sectors of it, or nothing.</summary>
    public byte[] AfterPowerLoss(Random random)
    {
        var content = File.ReadAllBytes(Path).ToList();
        foreach (var change in Enumerable.Reverse(_unforced))
        {
            Put(content, change.Offset, change.Before);
            Resize(content, change.LengthBefore);
        }

        foreach (var change in _unforced)
        {
            if (random.Next(2) == 0)
                continue;
            if (change.After is null)
            {
                Resize(content, change.LengthAfter);
                continue;
            }

            var kept = change.After.Length;
            if (random.Next(2) == 0)
                kept = Math.Min(kept, random.Next(kept / SectorBytes + 1) * SectorBytes);
            Put(content, change.Offset, change.After.AsSpan(0, kept));
        }

        return [.. content];
    }

    private static void Put(List<byte> content, long offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        if (content.Count < offset + bytes.Length)
            Resize(content, offset + bytes.Length);
        bytes.CopyTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(content)[(int)offset..]);
    }

    private static void Resize(List<byte> content, long length)
    {
        if (content.Count > length)
            content.RemoveRange((int)length, content.Count - (int)length);
        else
            content.AddRange(new byte[length - content.Count]);
    }
}
