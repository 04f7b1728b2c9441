namespace SearchEngine.Embeddings.Weights;

/// <summary>
/// A weight that its file holds in eight or four bits, as one tensor under the name and with the shape that the model knows it by. What the
/// base record says of type and place is that of the elements.
/// </summary>
/// <param name="Form">How the elements lie.</param>
/// <param name="Elements">The stored tensor of the elements.</param>
/// <param name="Scales">F32 (rows): what a step of each row is worth.</param>
/// <param name="Sums">I32 (rows), each row's elements summed up; of panels only.</param>
/// <param name="Multipliers">U8 (rows, columns / 32); of four bits only.</param>
/// <param name="ColumnScales">F32 (columns): what each column is multiplied by besides; of token tables only.</param>
/// <param name="WideInputs">I32 (n), ascending: columns that are kept in float32, zero in the elements; or null.</param>
/// <param name="Wide">F32 (rows, n), those columns; or null.</param>
internal sealed record QuantizedEntry(
    string Name,
    long[] Shape,
    QuantizedForm Form,
    SafetensorsEntry Elements,
    SafetensorsEntry Scales,
    SafetensorsEntry? Sums,
    SafetensorsEntry? Multipliers,
    SafetensorsEntry? ColumnScales,
    SafetensorsEntry? WideInputs,
    SafetensorsEntry? Wide
) : SafetensorsEntry(Name, Elements.DataType, Shape, Elements.Offset, Elements.Length)
{
    public const string PanelsSuffix = "_int8_panels";
    public const string RowsSuffix = "_int8_rows";
    public const string Int4Suffix = "_int4";
    public const string ScalesSuffix = "_scale";
    public const string SumsSuffix = "_sum";
    public const string MultipliersSuffix = "_multiplier";
    public const string ColumnScalesSuffix = "_column";
    public const string WideSuffix = "_wide";
    public const string WideInputsSuffix = "_wide_input";

    /// <summary>Rows of the weight.</summary>
    public int Rows => (int)Shape[0];

    /// <summary>Elements of a row.</summary>
    public int Columns => (int)Shape[1];

    /// <summary>Bits of an element.</summary>
    public int Bits => Form == QuantizedForm.Int4 ? 4 : 8;

    /// <summary>All that is stored for the weight.</summary>
    public IEnumerable<SafetensorsEntry> Parts =>
        new[] { Elements, Scales, Sums, Multipliers, ColumnScales, WideInputs, Wide }.OfType<SafetensorsEntry>();

    /// <inheritdoc/>
    public override string Describe() => $"{Bits} bits [{string.Join(", ", Shape)}]";
}
