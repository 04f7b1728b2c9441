namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>
/// The innermost loops of the product of two signed eight-bit matrices, for one kind of processor. All kernels give the same 32-bit
/// integers: a vector does not depend on the machine's choice. Thread-safe.
/// </summary>
internal abstract unsafe class Int8Kernel
{
    /// <summary>Rows of a tile, at most.</summary>
    public const int TileRows = 4;

    /// <summary>Elements of a tile's sums, at most.</summary>
    public const int TileSums = TileRows * Int8Panels.BlockPanels * Int8Panels.Columns;

    /// <summary>For people: the instructions that it uses.</summary>
    public abstract string Name { get; }

    /// <summary>How much more than the input the kernel multiplies with: its sums are too large by this, times the sum of a column.</summary>
    public virtual int Offset => 0;

    /// <summary>Bytes of a group of inputs in the form that the kernel reads.</summary>
    public virtual int GroupBytes => Int8Panels.Group;

    /// <summary>Brings a row of inputs into the form that the kernel reads.</summary>
    /// <param name="row">Whole groups: <see cref="Int8Panels.Group"/> elements each, none of them -128.</param>
    /// <param name="groups">How many.</param>
    /// <param name="target"><see cref="GroupBytes"/> for each.</param>
    public abstract void Prepare(sbyte* row, int groups, byte* target);

    /// <summary>Multiplies up to <see cref="TileRows"/> rows by one block of panels.</summary>
    /// <param name="inputs">Prepared rows.</param>
    /// <param name="inputStride">Bytes from one to the next.</param>
    /// <param name="rows">1 to <see cref="TileRows"/>.</param>
    /// <param name="weights">The block, as <see cref="Int8Panels"/> lays it out.</param>
    /// <param name="panels">Its panels.</param>
    /// <param name="groups">Groups of inner elements, at least 1.</param>
    /// <param name="sums">(rows, panels · 16), contiguous; replaced</param>
    public abstract void Tile(byte* inputs, nint inputStride, int rows, sbyte* weights, int panels, int groups, int* sums);
}
