namespace SearchEngine.Ingestion;

/// <summary>Bytes that may be unpacked from one file, whatever it nests. Not thread-safe: one file is read by one thread.</summary>
internal sealed class ByteBudget(long bytes)
{
    /// <summary>
    /// 1 GiB in memory at most would be too much at once; entries are read one by one, so this bounds time rather than memory.
    /// </summary>
    internal const long DefaultBytes = 1L << 30;

    /// <summary>One entry, which is in memory as a whole.</summary>
    internal const long MaxEntryBytes = 128L << 20;

    private long _left = bytes;

    /// <summary>Reads a stream that unpacks; the sizes an archive declares are not believed.</summary>
    /// <exception cref="SourceFormatException">It holds more than is left.</exception>
    internal byte[] ReadAll(Stream stream)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[1 << 15];
        for (int read; (read = stream.Read(buffer)) > 0; )
        {
            _left -= read;
            if (_left < 0 || memory.Length + read > MaxEntryBytes)
            {
                throw new SourceFormatException(
                    $"Unpacked it has more than {(_left < 0 ? DefaultBytes : MaxEntryBytes):N0} bytes, the limit for packed files."
                );
            }

            memory.Write(buffer, 0, read);
        }

        return memory.ToArray();
    }
}
