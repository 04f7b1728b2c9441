using System.Buffers.Binary;
using System.IO.Hashing;
using Lucene.Net.Codecs;
using Lucene.Net.Index;
using Lucene.Net.Store;
using SearchEngine.Lexical.Mapped;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Checks small files whole, by the checksum in their footer, before Lucene reads them. Lucene itself checks while it reads: a flipped
/// bit in a count makes it allocate gigabytes first. What is larger holds the data of postings and fields, not counts of what to
/// allocate: of it the footer alone is read, which a file that ends early lacks; <see cref="LexicalIndex.Check"/> reads all of it.
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
            if (input.Length > MaxCheckedBytes)
                CodecUtil.RetrieveChecksum((IndexInput)input.Clone());
            else if (!(input is MappedInput mapped && HasSoundFooter(mapped)))
                CodecUtil.ChecksumEntireFile(input);
            return input;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether a file ends with the checksum of its bytes: the same check as Lucene's, which takes them one by one, and an opening asks for
    /// most small files several times. What is not sound is left to Lucene, which says what is wrong.
    /// </summary>
    private static bool HasSoundFooter(MappedInput input)
    {
        var bytes = input.All;
        var footer = bytes[^CodecUtil.FooterLength()..];
        return BinaryPrimitives.ReadInt32BigEndian(footer) == CodecUtil.FOOTER_MAGIC
            && BinaryPrimitives.ReadInt32BigEndian(footer[sizeof(int)..]) == 0
            && BinaryPrimitives.ReadInt64BigEndian(footer[^sizeof(long)..]) == Crc32.HashToUInt32(bytes[..^sizeof(long)]);
    }
}
