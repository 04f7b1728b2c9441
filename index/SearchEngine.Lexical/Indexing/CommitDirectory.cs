using Lucene.Net.Store;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// The files of one commit and no others. Whatever else lies in the folder (a commit that a full disk cut short, segments that no
/// commit names) is not what an open index consists of.
/// </summary>
internal sealed class CommitDirectory(Directory inner, IReadOnlyCollection<string> files) : FilterDirectory(inner)
{
    private readonly HashSet<string> _files = new(files, StringComparer.Ordinal);

    public override string[] ListAll() => [.. _files];

    [Obsolete("Lucene's own member is obsolete.")]
    public override bool FileExists(string name) => _files.Contains(name) && base.FileExists(name);

    public override IndexInput OpenInput(string name, IOContext context) =>
        _files.Contains(name) ? base.OpenInput(name, context) : throw new FileNotFoundException($"The commit has no file {name}.");

    /// <summary>The directory that it looks into belongs to the index.</summary>
    protected override void Dispose(bool disposing) { }
}
