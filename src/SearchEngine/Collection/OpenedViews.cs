using SearchEngine.Lexical;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>
/// A collection's log and views as they were opened, and where they stand: <c>CheckpointAddress</c> is the manifest's log address
/// (everything before it is in the views' files), <c>AppliedAddress</c> the address up to which the views in memory are.
/// </summary>
internal sealed record OpenedViews(
    WriteLog Log, RecordStore Records, RecordStore Graph, LexicalIndex? Lexical, VectorFieldIndex[] Vectors, LiveOrdinals Live,
    int NextOrdinal, ulong NextBatch, long CheckpointAddress, long AppliedAddress, DateTimeOffset? LastCheckpoint);
