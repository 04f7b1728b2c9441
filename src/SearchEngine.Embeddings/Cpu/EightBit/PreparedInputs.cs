namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>The forms in which kernels want a row of signed eight-bit inputs.</summary>
internal static unsafe class PreparedInputs
{
    /// <summary>What <see cref="Unsigned"/> adds to every element.</summary>
    public const int UnsignedOffset = 128;

    /// <summary>As they are.</summary>
    public static void Signed(sbyte* row, int groups, byte* target)
    {
        var bytes = groups * Int8Panels.Group;
        new ReadOnlySpan<sbyte>(row, bytes).CopyTo(new Span<sbyte>(target, bytes));
    }

    /// <summary>With 128 added: for instructions that take one side without a sign.</summary>
    public static void Unsigned(sbyte* row, int groups, byte* target)
    {
        var bytes = groups * Int8Panels.Group;
        System.Numerics.Tensors.TensorPrimitives.Xor(
            new ReadOnlySpan<byte>(row, bytes),
            (byte)UnsignedOffset,
            new Span<byte>(target, bytes)
        );
    }

    /// <summary>Widened to sixteen bits, in the order in which <see cref="PairWeights128"/> has the weights: 0 and 2, then 1 and 3.</summary>
    public static void Pairs(sbyte* row, int groups, byte* target)
    {
        var pairs = (short*)target;
        for (var g = 0; g < groups; g++, row += Int8Panels.Group, pairs += Int8Panels.Group)
            (pairs[0], pairs[1], pairs[2], pairs[3]) = (row[0], row[2], row[1], row[3]);
    }
}
