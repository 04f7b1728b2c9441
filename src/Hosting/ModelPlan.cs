using SearchEngine.Embeddings;

namespace SearchEngine.Hosting;

/// <summary>Which model, and how it runs.</summary>
internal sealed record ModelPlan
{
    /// <summary>The model's folder, absolute.</summary>
    public required string Folder { get; init; }

    public required string Device { get; init; }

    public required string DataType { get; init; }

    /// <summary>Tokens after which a text is cut; 0: the model's own limit.</summary>
    public int MaxLength { get; init; }

    /// <summary>Leading components to keep; 0: all.</summary>
    public int Dimensions { get; init; }

    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>Null: as the folder says.</summary>
    public string? Attention { get; init; }

    /// <summary>Null: as the folder says.</summary>
    public string? Pooling { get; init; }

    public bool Normalize { get; init; } = true;

    public string? Instruction { get; init; }

    /// <summary>Where weights are kept as the kernels read them.</summary>
    public WeightCacheOptions WeightCache { get; init; } = new();

    /// <summary>What stands in the settings in place of a folder where no model is wanted.</summary>
    public const string NoModel = "none";

    /// <summary>The model that the settings name; null where they want none, or name none and none is shipped.</summary>
    public static ModelPlan? TryDefault(Settings settings)
    {
        if (settings.Model == NoModel)
            return null;
        var folder = string.IsNullOrWhiteSpace(settings.Model) ? DefaultModel.TryFind() : Path.GetFullPath(settings.Model);
        return folder is null
            ? null
            : new ModelPlan
            {
                Folder = folder,
                Device = settings.Embedding.Device,
                DataType = settings.Embedding.DataType,
                MaxLength = settings.Embedding.MaxLength,
                Dimensions = settings.Embedding.Dimensions,
                WeightCache = settings.Embedding.ToWeightCache(),
            };
    }
}
