using System.Formats.Tar;
using System.IO.Compression;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads the files in a tar archive, packed by gzip or not, as a stream, by the readers of their kinds, within limits; links and devices
/// are passed over, and nothing is ever unpacked onto the disk.
/// </summary>
internal sealed class TarReader : IDocumentReader
{
    public string Name => "tar";

    public int Version => 1;

    public IReadOnlyCollection<string> Extensions { get; } = [".tar", ".tgz"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var contained = file.Contained ?? throw new SourceFormatException("What is in it cannot be read here.");
        using var stream = Path.GetExtension(file.FullPath).Equals(".tgz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file.OpenRead(), CompressionMode.Decompress)
            : file.OpenRead();
        using var tar = new System.Formats.Tar.TarReader(stream);
        var count = 0;
        while (Next(tar, count++) is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (
                entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
                || entry.DataStream is not { } data
            )
            {
                continue;
            }

            if (Path.GetFileName(entry.Name).StartsWith('.'))
            {
                contained.PassOver("hidden", file, entry.Name);
                continue;
            }

            byte[] content;
            try
            {
                content = contained.Budget.ReadAll(data);
            }
            catch (SourceFormatException e)
            {
                warn($"'{entry.Name}' was passed over: {e.Message}", null);
                continue;
            }

            foreach (var document in contained.Read(file, entry.Name, content, warn, cancellationToken))
            {
                yield return document;
            }
        }
    }

    private static TarEntry? Next(System.Formats.Tar.TarReader tar, int count)
    {
        try
        {
            return tar.GetNextEntry();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            throw new SourceFormatException(
                count == 0
                    ? $"It is damaged or no tar archive: {e.Message}"
                    : $"It is damaged; what comes behind entry {count} could not be read: {e.Message}",
                e
            );
        }
    }
}
