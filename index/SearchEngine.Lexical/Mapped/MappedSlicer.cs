using Lucene.Net.Store;

namespace SearchEngine.Lexical.Mapped;

/// <summary>Opens the parts of a compound file in place. Closing it closes the file.</summary>
internal sealed class MappedSlicer(MappedInput whole) : Lucene.Net.Store.Directory.IndexInputSlicer
{
    public override IndexInput OpenSlice(string sliceDescription, long offset, long length) =>
        whole.Slice(sliceDescription, offset, length);

    [Obsolete("Lucene's own member is obsolete.")]
    public override IndexInput OpenFullSlice() => (IndexInput)whole.Clone();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            whole.Dispose();
    }
}
