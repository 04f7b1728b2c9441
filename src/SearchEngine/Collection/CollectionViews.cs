using SearchEngine.Lexical;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>A collection's log and the views of it, opened.</summary>
internal sealed record CollectionViews(
    WriteLog Log,
    RecordStore Records,
    RecordStore Graph,
    LexicalIndex? Lexical,
    VectorFieldIndex[] Vectors
) : IDisposable
{
    public long MemoryBytes()
    {
        var bytes = Records.Statistics.MemoryBytes + Graph.Statistics.MemoryBytes;
        foreach (var vector in Vectors)
        {
            var statistics = vector.Index.Statistics;
            bytes += statistics.CodeBytes + statistics.GraphBytes + statistics.FullPrecisionBytes;
        }

        return bytes;
    }

    public void Dispose()
    {
        foreach (var vector in Vectors)
            vector.Dispose();
        Lexical?.Dispose();
        Graph.Dispose();
        Records.Dispose();
        Log.Dispose();
    }
}
