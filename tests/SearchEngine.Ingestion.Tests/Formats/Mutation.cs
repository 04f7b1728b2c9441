using System.IO.Compression;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>Damages files as disks, programs and people do: bytes changed, taken out, doubled, cut off, and marks repeated without end.</summary>
internal static class Mutation
{
    /// <summary>A damaged copy. Of a package, more often a file in it, so that what is behind the packing is reached.</summary>
    internal static byte[] Of(byte[] seed, Random random)
    {
        if (random.Next(4) == 0)
        {
            return Bytes(seed, random);
        }

        try
        {
            return seed is [(byte)'P', (byte)'K', ..] ? Package(seed, random)
                : seed is [0x1F, 0x8B, ..] ? Packed(seed, random)
                : Bytes(seed, random);
        }
        catch (InvalidDataException)
        {
            return Bytes(seed, random);
        }
    }

    private static byte[] Package(byte[] seed, Random random)
    {
        using var zip = new ZipArchive(new MemoryStream(seed));
        var damaged = random.Next(zip.Entries.Count);
        return SampleFiles.Zip([
            .. zip.Entries.Select((entry, i) => (entry.FullName, i == damaged ? Of(Read(entry.Open()), random) : Read(entry.Open()))),
        ]);
    }

    private static byte[] Packed(byte[] seed, Random random) =>
        SampleFiles.Gzip(Of(Read(new GZipStream(new MemoryStream(seed), CompressionMode.Decompress)), random));

    private static byte[] Read(Stream stream)
    {
        using (stream)
        {
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            return memory.ToArray();
        }
    }

    private static byte[] Bytes(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var i = random.Next(1, 8); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 200), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 200), bytes.Count - at)));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Repeat("<{[(\\\"*_`#|>- "u8.ToArray()[random.Next(13)], random.Next(1, 3000)));
                    break;
                case 4:
                    // A piece of itself many times over: what opens and does not close.
                    var piece = bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at));
                    bytes.InsertRange(at, Enumerable.Repeat(piece, random.Next(1, 500)).SelectMany(p => p));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
