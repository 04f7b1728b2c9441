namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>A word-level evaluation: which states of which model, on which CoNLL-U files.</summary>
internal sealed record WordPlan(string ModelFolder, string Train, string Test, bool Causal, bool PreviousPosition, bool AsJson);
