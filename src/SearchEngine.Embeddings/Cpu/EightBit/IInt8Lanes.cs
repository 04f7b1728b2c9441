namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>One processor's way to multiply groups of four signed eight-bit numbers, a vector of columns at a time.</summary>
/// <typeparam name="TSums">A vector's columns' 32-bit sums.</typeparam>
/// <typeparam name="TWeights">A vector's columns' weights of one group, ready to be multiplied.</typeparam>
/// <typeparam name="TInputs">One group of a row, in all columns.</typeparam>
internal unsafe interface IInt8Lanes<TSums, TWeights, TInputs>
    where TSums : struct
    where TWeights : struct
    where TInputs : struct
{
    /// <inheritdoc cref="Int8Kernel.Name"/>
    static abstract string Name { get; }

    /// <inheritdoc cref="Int8Kernel.Offset"/>
    static abstract int Offset { get; }

    /// <inheritdoc cref="Int8Kernel.GroupBytes"/>
    static abstract int GroupBytes { get; }

    /// <summary>Columns of a vector: 4 or 8.</summary>
    static abstract int Columns { get; }

    /// <inheritdoc cref="Int8Kernel.Prepare"/>
    static abstract void Prepare(sbyte* row, int groups, byte* target);

    /// <summary>Loads the weights of <see cref="Columns"/> columns, four bytes each.</summary>
    static abstract TWeights Load(sbyte* weights);

    /// <summary>Loads one prepared group for all columns.</summary>
    static abstract TInputs Broadcast(byte* inputs);

    /// <summary>sums + inputs · weights, over the four elements of the group.</summary>
    static abstract TSums Add(TSums sums, TInputs inputs, TWeights weights);

    /// <summary>Writes the sums of <see cref="Columns"/> columns.</summary>
    static abstract void Store(TSums sums, int* target);
}
