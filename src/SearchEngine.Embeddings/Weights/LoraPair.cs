namespace SearchEngine.Embeddings;

/// <summary>
/// One projection's update in an adapter's file: W' = W + scale · B·A, or with magnitudes each row of that scaled to its own.
/// </summary>
/// <param name="A">(rank, inputs)</param>
/// <param name="B">(rows, rank)</param>
/// <param name="Scale">The factor on B·A.</param>
/// <param name="Magnitude">(rows), DoRA's (Liu et al. 2024); null without.</param>
internal sealed record LoraPair(SafetensorsEntry A, SafetensorsEntry B, double Scale, SafetensorsEntry? Magnitude);
