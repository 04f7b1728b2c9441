namespace SearchEngine.SemanticKernel;

/// <summary>A passage that <see cref="SearchPlugin"/> found.</summary>
/// <param name="Citation">The number to cite it by, from 1.</param>
/// <param name="Title">The title of the text that it is from.</param>
/// <param name="Source">The source of the text that it is from.</param>
/// <param name="Text">The passage.</param>
/// <param name="Score">The fused score; larger is better.</param>
public sealed record SearchPluginResult(int Citation, string Title, string Source, string Text, double Score);
