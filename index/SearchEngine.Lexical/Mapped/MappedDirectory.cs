using Lucene.Net.Store;

namespace SearchEngine.Lexical.Mapped;

/// <summary>
/// A folder of index files that are read in place from mapped memory. Lucene.NET's own mapped directory goes through a counted handle for
/// each byte, copies each part of a compound file into a buffer of its own, and keeps every clone in a table of weak references, through
/// which each garbage collection has to go.
/// </summary>
internal sealed class MappedDirectory(DirectoryInfo path, LockFactory? locks) : FSDirectory(path, locks)
{
    public override IndexInput OpenInput(string name, IOContext context)
    {
        EnsureOpen();
        return new MappedInput(new MappedFile(Path.Combine(Directory.FullName, name)));
    }
}
