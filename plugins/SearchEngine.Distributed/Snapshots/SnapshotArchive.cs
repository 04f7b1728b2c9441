using System.Formats.Tar;

namespace SearchEngine.Distributed.Snapshots;

/// <summary>A snapshot's folder as one stream, and back: a tar. The engine's files carry their own checksums.</summary>
internal static class SnapshotArchive
{
    /// <summary>Writes the folder; returns the bytes of its files.</summary>
    public static async Task<long> PackAsync(string folder, Stream target, CancellationToken cancellationToken)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        await TarFile.CreateFromDirectoryAsync(folder, target, includeBaseDirectory: false, cancellationToken).ConfigureAwait(false);
        return files;
    }

    /// <summary>Makes the folder of what <see cref="PackAsync"/> wrote; where that fails it is not there afterwards.</summary>
    /// <exception cref="IOException">It is there already, or the stream ends too soon.</exception>
    public static async Task UnpackAsync(Stream source, string folder, CancellationToken cancellationToken)
    {
        if (Path.Exists(folder))
            throw new IOException($"{folder} is there already: a snapshot is put into a folder of its own.");
        Directory.CreateDirectory(folder);
        try
        {
            await TarFile.ExtractToDirectoryAsync(source, folder, overwriteFiles: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Directory.Delete(folder, recursive: true);
            if (e is InvalidDataException or EndOfStreamException)
            {
                throw new IOException(
                    $"A kept snapshot is damaged: {e.Message} Remove it; an older one, or a longer log, takes its place.",
                    e
                );
            }
            throw;
        }
    }
}
