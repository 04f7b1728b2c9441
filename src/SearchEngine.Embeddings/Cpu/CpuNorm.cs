namespace SearchEngine.Embeddings.Cpu;

/// <summary>A layer norm's weight and bias, in one piece of memory each of the size of a row.</summary>
internal sealed unsafe class CpuNorm : IDisposable
{
    private readonly AlignedBuffer _memory;
    private readonly int _size;
    private readonly float _epsilon;

    /// <param name="weight">(size)</param>
    /// <param name="bias">(size); null for none.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public CpuNorm(float[] weight, float[]? bias, double epsilon)
    {
        _size = weight.Length;
        _epsilon = (float)epsilon;
        _memory = new AlignedBuffer(2 * _size);
        weight.CopyTo(new Span<float>(_memory.Start, _size));
        (bias ?? new float[_size]).CopyTo(new Span<float>(_memory.Start + _size, _size));
    }

    /// <summary>Norms rows; target may be the source.</summary>
    public void Apply(float* source, float* target, int count, int stride) =>
        CpuElementwise.LayerNorm(source, target, count, stride, _size, _memory.Start, _memory.Start + _size, _epsilon);

    public void Dispose() => _memory.Dispose();
}
