namespace SearchEngine.Embeddings.Cpu;

/// <summary>One layer of a <see cref="CpuModernBertModel"/>; the first has no norm before its attention.</summary>
internal sealed record CpuModernBertLayer(
    CpuNorm? AttentionNorm,
    CpuLinear QueryKeyValue,
    CpuLinear Output,
    CpuNorm MlpNorm,
    CpuLinear Up,
    CpuLinear Down
) : IDisposable
{
    public void Dispose()
    {
        AttentionNorm?.Dispose();
        QueryKeyValue.Dispose();
        Output.Dispose();
        MlpNorm.Dispose();
        Up.Dispose();
        Down.Dispose();
    }
}
