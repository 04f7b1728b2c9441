namespace SearchEngine.Training;

/// <summary>A low-rank adapter (Hu et al. 2021) to train instead of all weights. Defaults are the LLM2Vec paper's.</summary>
public sealed record LoraConfig
{
    private static readonly string[] Projections = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>Rank of the update.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>The update is scaled by alpha / rank.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Dropout on the adapter's input.</summary>
    public double Dropout { get; init; } = 0.05;

    /// <summary>Names of the projections (q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj); empty means all seven.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Adds the adapter to the weights at the end. False writes it as a PEFT adapter that names its base.</summary>
    public bool Merge { get; init; } = true;

    internal void Validate()
    {
        TrainingConfig.Require(Rank > 0 && Alpha > 0 && Dropout is >= 0 and < 1, "'lora' needs rank > 0, alpha > 0 and dropout in [0, 1)");
        foreach (var target in Targets)
        {
            TrainingConfig.Require(
                Projections.Contains(target),
                $"'lora' targets '{target}', which is none of {string.Join(", ", Projections)}"
            );
        }
    }
}
