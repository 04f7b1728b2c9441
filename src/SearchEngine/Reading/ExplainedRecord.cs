namespace SearchEngine.Reading;

/// <summary>The record that a search is to say something about (<see cref="SearchRequest.ExplainKey"/>).</summary>
/// <param name="Ordinal">The record.</param>
/// <param name="Distances">Its distance by each target of the plan; null where it has no vector.</param>
/// <param name="KeywordScore">Its keyword score; null where it does not match, or no words are looked for.</param>
internal sealed record ExplainedRecord(int Ordinal, float?[] Distances, double? KeywordScore);
