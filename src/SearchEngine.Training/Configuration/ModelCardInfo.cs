namespace SearchEngine.Training;

/// <summary>A measured score and how to measure it again.</summary>
/// <param name="Measure">What was measured, for example "STS-B test, Spearman".</param>
/// <param name="Score">The figure as written.</param>
/// <param name="Command">The command that gives it.</param>
public sealed record ModelCardScore(string Measure, string Score, string Command);
