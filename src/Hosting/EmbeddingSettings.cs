namespace SearchEngine.Hosting;

internal sealed record EmbeddingSettings
{
    /// <summary>auto, cpu or cuda.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>auto, float32, bfloat16, float16 or int8.</summary>
    public string DataType { get; init; } = "auto";

    /// <summary>Leading components to keep (Matryoshka); 0 keeps all.</summary>
    public int Dimensions { get; init; }

    /// <summary>Tokens after which a text is cut; 0 takes the model's own limit.</summary>
    public int MaxLength { get; init; }
}
