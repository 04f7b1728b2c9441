using Lucene.Net.Store;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Keeps in memory the files of a flush that the disk refuses, so that what was written stays searchable: Lucene would drop the documents.
/// Such a file cannot be synchronised, so no commit ever names it. What is kept is bounded by Lucene's own buffer, since the index takes no
/// write after the first refusal (<see cref="OnRefused"/>). Merges are not kept: one that fails loses nothing. Thread-safe.
/// </summary>
internal sealed class KeepingDirectory(Directory disk) : FilterDirectory(disk)
{
    private readonly RAMDirectory _kept = new();

    /// <summary>Called with the disk's error whenever a file is kept.</summary>
    public Action<Exception>? OnRefused { get; set; }

    public override string[] ListAll() => [.. m_input.ListAll().Union(_kept.ListAll(), StringComparer.Ordinal)];

    [Obsolete("Lucene's own member is obsolete.")]
    public override bool FileExists(string name) => IsKept(name) || m_input.FileExists(name);

    public override void DeleteFile(string name)
    {
        if (IsKept(name))
            _kept.DeleteFile(name);
        else
            m_input.DeleteFile(name);
    }

    public override long FileLength(string name) => IsKept(name) ? _kept.FileLength(name) : m_input.FileLength(name);

    public override IndexOutput CreateOutput(string name, IOContext context) =>
        context.Context == IOContext.UsageContext.FLUSH ? new FlushedFile(this, name, context) : m_input.CreateOutput(name, context);

    public override IndexInput OpenInput(string name, IOContext context) =>
        IsKept(name) ? _kept.OpenInput(name, context) : m_input.OpenInput(name, context);

    public override void Sync(ICollection<string> names)
    {
        if (names.FirstOrDefault(IsKept) is { } name)
            throw new IOException($"The disk refused the file '{name}', which is kept in memory until the index is closed.");
        m_input.Sync(names);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _kept.Dispose();
        base.Dispose(disposing);
    }

    private bool IsKept(string name) => Array.IndexOf(_kept.ListAll(), name) >= 0;

    /// <summary>
    /// A file of a flush: written in memory, and to the disk when it is closed. It is kept where that fails; nobody reads it before it is
    /// closed.
    /// </summary>
    private sealed class FlushedFile(KeepingDirectory owner, string name, IOContext context) : IndexOutput
    {
        private FlushedContent? _open = new();

        public override long Checksum => Content.Checksum;

        public override long Length => Content.Length;

        public override long Position => Content.Position;

        private FlushedContent Content => _open ?? throw new ObjectDisposedException(name);

        public override void WriteByte(byte b) => Content.WriteByte(b);

        public override void WriteBytes(byte[] b, int offset, int length) => Content.WriteBytes(b, offset, length);

        public override void Flush() => Content.Flush();

        [Obsolete("Lucene's own member is obsolete.")]
        public override void Seek(long pos) =>
            throw new NotSupportedException($"The file '{name}' is written from its beginning to its end.");

        protected override void Dispose(bool disposing)
        {
            if (!disposing || _open is not { } content)
                return;
            _open = null;
            try
            {
                using var output = owner.m_input.CreateOutput(name, context);
                content.WriteTo(output);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                using (var kept = owner._kept.CreateOutput(name, context))
                    content.WriteTo(kept);
                owner.OnRefused?.Invoke(e);
            }
            finally
            {
                content.Dispose();
            }
        }
    }
}
