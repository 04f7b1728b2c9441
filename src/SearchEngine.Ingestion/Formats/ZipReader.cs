using System.IO.Compression;

namespace SearchEngine.Ingestion;

/// <summary>Reads the files in a zip archive by the readers of their kinds, within limits; what no reader takes is passed over.</summary>
internal sealed class ZipReader : IDocumentReader
{
    private const int MaxEntries = 100_000;

    public string Name => "zip";

    public int Version => 1;

    public IReadOnlyCollection<string> Extensions { get; } = [".zip"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var contained = file.Contained ?? throw new SourceFormatException("What is in it cannot be read here.");
        using var zip = Open(new MemoryStream(file.ReadAllBytes(), writable: false));
        foreach (var entry in zip.Entries.Where(e => e.Name.Length > 0))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Name.StartsWith('.'))
            {
                contained.PassOver("hidden", file, entry.FullName);
                continue;
            }

            byte[] content;
            try
            {
                using var stream = entry.Open();
                content = contained.Budget.ReadAll(stream);
            }
            catch (Exception e) when (e is SourceFormatException or InvalidDataException or IOException or NotSupportedException)
            {
                warn($"'{entry.FullName}' was passed over: {e.Message}", null);
                continue;
            }

            foreach (var document in contained.Read(file, entry.FullName, content, warn, cancellationToken))
            {
                yield return document;
            }
        }
    }

    private static ZipArchive Open(Stream stream)
    {
        try
        {
            var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            return zip.Entries.Count <= MaxEntries ? zip : throw new SourceFormatException($"It has more than {MaxEntries:N0} files.");
        }
        catch (InvalidDataException e)
        {
            throw new SourceFormatException($"It is damaged or no zip archive: {e.Message}", e);
        }
    }
}
