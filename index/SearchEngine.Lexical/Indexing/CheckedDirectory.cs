using Lucene.Net.Codecs;
using Lucene.Net.Index;
using Lucene.Net.Store;
using SearchEngine.Lexical.Mapped;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Checks small files whole, by the checksum in their footer, before Lucene reads them. Lucene itself checks while it reads: a flipped
/// bit in a count makes it allocate gigabytes first. What is larger holds the data of postings and fields, not counts of what to
/// allocate; <see cref="LexicalIndex.Check"/> reads all of it.
/// </summary>
internal sealed class CheckedDirectory(Directory inner) : FilterDirectory(inner)
{
    private const long MaxCheckedBytes = 1 << 20;

    public override IndexInputSlicer CreateSlicer(string name, IOContext context)
    {
        var input = OpenInput(name, context);
        if (input is MappedInput mapped)
            return new MappedSlicer(mapped);
        input.Dispose();
        return base.CreateSlicer(name, context);
    }

    public override IndexInput OpenInput(string name, IOContext context)
    {
        var input = base.OpenInput(name, context);
        try
        {
            if (input.Length < CodecUtil.FooterLength())
                throw new CorruptIndexException($"the file {name} is shorter than its footer");
            if (input.Length <= MaxCheckedBytes)
                CodecUtil.ChecksumEntireFile(input);
            return input;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }
}
