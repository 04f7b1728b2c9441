namespace SearchEngine.Embeddings.Cpu;

/// <summary>One layer of a <see cref="CpuBertModel"/>.</summary>
internal sealed record CpuBertLayer(
    CpuLinear QueryKeyValue,
    CpuLinear Output,
    CpuNorm AttentionNorm,
    CpuLinear Up,
    CpuLinear Down,
    CpuNorm OutputNorm
) : IDisposable
{
    public void Dispose()
    {
        QueryKeyValue.Dispose();
        Output.Dispose();
        AttentionNorm.Dispose();
        Up.Dispose();
        Down.Dispose();
        OutputNorm.Dispose();
    }
}
