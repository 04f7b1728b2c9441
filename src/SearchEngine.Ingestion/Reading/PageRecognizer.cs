namespace SearchEngine.Ingestion;

/// <summary>
/// Recognizes pages of one file. A file inside another (an attachment, an entry of an archive) is put into a temporary file for it, which
/// goes with this.
/// </summary>
internal sealed class PageRecognizer(SourceFile file, byte[] content) : IDisposable
{
    private string? _temporary;

    /// <summary>The text of a page; null where none is recognized, or nothing recognizes.</summary>
    internal string? Read(int page, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        if (file.Recognition is not { } recognition)
        {
            return null;
        }

        try
        {
            var text = recognition.Read(PathOnDisk(), page, cancellationToken);
            return string.IsNullOrWhiteSpace(text) ? null : text;
        }
        catch (Exception e) when (ReaderFaults.IsOfFile(e))
        {
            warn($"The text of page {page} was not recognized: {e.Message}", null);
            return null;
        }
    }

    public void Dispose()
    {
        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }

    private string PathOnDisk()
    {
        if (file.IsOnDisk)
        {
            return file.FullPath;
        }

        if (_temporary is null)
        {
            // Made by the system, for this user alone.
            _temporary = Path.GetTempFileName();
            File.WriteAllBytes(_temporary, content);
        }

        return _temporary;
    }
}
