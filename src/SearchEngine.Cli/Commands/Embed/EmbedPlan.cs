using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Embed;

/// <summary>How standard input becomes vectors.</summary>
/// <param name="AsQuery">Embed in the role of a query, for models that tell queries from documents.</param>
/// <param name="Tokens">Lines are JSON arrays of token ids, taken as they are.</param>
/// <param name="Output">A file for texts with their vectors, Parquet or JSON lines by its name; null for standard output.</param>
/// <param name="Model">The model and how it runs.</param>
internal sealed record EmbedPlan(bool AsQuery, bool Tokens, string? Output, ModelPlan Model);
