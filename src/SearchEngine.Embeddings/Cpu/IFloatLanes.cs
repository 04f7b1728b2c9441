namespace SearchEngine.Embeddings.Cpu;

/// <summary>One width of vectors of float32, as <see cref="MatrixKernel{TLanes, TVector}"/> multiplies with them.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface IFloatLanes<TVector>
    where TVector : struct
{
    /// <summary>Elements of a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Whether there are 32 registers, so that a block may have eight rows instead of four.</summary>
    static abstract bool HasManyRegisters { get; }

    static abstract TVector Load(float* source);

    static abstract TVector Broadcast(float value);

    /// <summary>x · y + sum, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector x, TVector y, TVector sum);

    static abstract TVector Add(TVector x, TVector y);

    static abstract void Store(TVector vector, float* target);
}
