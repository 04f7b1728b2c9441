using SearchEngine.Lexical;

namespace SearchEngine.Sharding;

/// <summary>What a shard says of the words of a search.</summary>
/// <param name="Statistics">Counts of documents, tokens and terms; those of all shards are added up.</param>
/// <param name="Unknown">Words of the text that match nothing here, in order; empty where they were not asked for.</param>
public sealed record ShardTerms(TermStatistics Statistics, IReadOnlyList<LexicalWord> Unknown);
