using SearchEngine.Lexical;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>A collection's log and views as they were opened, and where they stand.</summary>
/// <param name="CheckpointAddress">The log address of the manifest: everything before it is in the views' files.</param>
/// <param name="AppliedAddress">The log address up to which the views in memory are.</param>
internal sealed record OpenedViews(
    WriteLog Log, RecordStore Records, RecordStore Graph, LexicalIndex? Lexical, VectorFieldIndex[] Vectors, LiveOrdinals Live,
    int NextOrdinal, ulong NextBatch, long CheckpointAddress, long AppliedAddress, DateTimeOffset? LastCheckpoint);
