namespace SearchEngine.Training;

/// <summary>A model to learn from, or vectors that one made before.</summary>
public sealed record TeacherConfig
{
    /// <summary>
    /// The folder of a model of any architecture that loads, relative to the configuration file. Either this or <see cref="Vectors"/>.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>
    /// JSON lines <c>{"text": …, "vector": […]}</c> of vectors made elsewhere, relative to the configuration file. Texts and made-up
    /// queries without a vector
    /// are left out of the training.
    /// </summary>
    public string? Vectors { get; init; }

    /// <summary>Its share in what is learnt, relative to the other teachers.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Its licence, for the model card.</summary>
    public string? License { get; init; }

    /// <summary>The name shown to people: the last part of its path.</summary>
    internal string DisplayName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Model ?? Vectors ?? ""));

    internal void Validate()
    {
        TrainingConfig.Require(
            Model is null != Vectors is null,
            "every entry of 'teachers' has either 'model' (a folder) or 'vectors' (a file), not both and not neither"
        );
        TrainingConfig.Require(Weight > 0 && double.IsFinite(Weight), "'weight' of a teacher must be above 0");
    }
}
