using SearchEngine.Embeddings.Cpu.EightBit;

namespace SearchEngine.Embeddings.Weights;

/// <summary>Finds the quantized weights among the tensors of a checkpoint, and checks that their parts fit each other.</summary>
internal sealed class QuantizedEntries
{
    /// <summary>Rows of panels: a whole number of them, so that nothing is filled up.</summary>
    public const int RowMultiple = Int8Panels.Columns;

    /// <summary>Columns of panels, likewise.</summary>
    public const int ColumnMultiple = Int8Panels.Group;

    private readonly string _path;
    private readonly Dictionary<string, SafetensorsEntry> _left;

    private QuantizedEntries(string path, IReadOnlyDictionary<string, SafetensorsEntry> stored)
    {
        _path = path;
        _left = new Dictionary<string, SafetensorsEntry>(stored, StringComparer.Ordinal);
    }

    /// <summary>The tensors as the model names them: what belongs to one quantized weight becomes one entry.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="stored">The tensors of the file.</param>
    /// <exception cref="ModelFormatException">A part of a quantized weight is missing, or has another type or shape.</exception>
    public static IReadOnlyDictionary<string, SafetensorsEntry> Join(string path, IReadOnlyDictionary<string, SafetensorsEntry> stored)
    {
        if (!stored.Keys.Any(name => FormOf(name) is not null))
            return stored;
        QuantizedEntries entries = new(path, stored);
        foreach (var elements in stored.Values)
        {
            if (FormOf(elements.Name) is (var form, var suffix))
                entries.Join(elements, form, elements.Name[..^suffix.Length]);
        }
        return entries._left;
    }

    private static (QuantizedForm Form, string Suffix)? FormOf(string name) =>
        name.EndsWith(QuantizedEntry.PanelsSuffix, StringComparison.Ordinal) ? (QuantizedForm.Int8Panels, QuantizedEntry.PanelsSuffix)
        : name.EndsWith(QuantizedEntry.RowsSuffix, StringComparison.Ordinal) ? (QuantizedForm.Int8Rows, QuantizedEntry.RowsSuffix)
        : name.EndsWith(QuantizedEntry.Int4Suffix, StringComparison.Ordinal) ? (QuantizedForm.Int4, QuantizedEntry.Int4Suffix)
        : null;

    private void Join(SafetensorsEntry elements, QuantizedForm form, string name)
    {
        var int4 = form == QuantizedForm.Int4;
        _left.Remove(elements.Name);
        if (elements.Shape is not [> 0 and <= int.MaxValue, > 0 and <= int.MaxValue / 2] shape)
            throw Fault(elements, "the two positive extents of a weight");
        long rows = shape[0],
            columns = int4 ? 2 * shape[1] : shape[1];
        var whole = form switch
        {
            QuantizedForm.Int8Panels => rows % RowMultiple == 0 && columns % ColumnMultiple == 0,
            QuantizedForm.Int4 => columns % Int4Rounding.Group == 0,
            _ => true,
        };
        if (elements.DataType != (int4 ? SafetensorsDataType.UInt8 : SafetensorsDataType.Int8) || !whole)
        {
            throw Fault(
                elements,
                int4 ? $"U8 with a multiple of {Int4Rounding.Group / 2} columns"
                    : form == QuantizedForm.Int8Rows ? "I8"
                    : $"I8 with a multiple of {RowMultiple} rows and of {ColumnMultiple} columns"
            );
        }
        var scales = Take(name + QuantizedEntry.ScalesSuffix, SafetensorsDataType.Float32, rows);
        var sums = form == QuantizedForm.Int8Panels ? Take(name + QuantizedEntry.SumsSuffix, SafetensorsDataType.Int32, rows) : null;
        var multipliers = int4
            ? Take(name + QuantizedEntry.MultipliersSuffix, SafetensorsDataType.UInt8, rows, columns / Int4Rounding.Group)
            : null;
        SafetensorsEntry? columnScales = null,
            wideInputs = null,
            wide = null;
        if (form != QuantizedForm.Int8Panels && _left.ContainsKey(name + QuantizedEntry.ColumnScalesSuffix))
        {
            columnScales = Take(name + QuantizedEntry.ColumnScalesSuffix, SafetensorsDataType.Float32, columns);
        }
        if (form != QuantizedForm.Int8Rows && _left.TryGetValue(name + QuantizedEntry.WideInputsSuffix, out var inputs))
        {
            var count = inputs.ElementCount;
            wideInputs = Take(inputs.Name, SafetensorsDataType.Int32, count);
            wide = Take(name + QuantizedEntry.WideSuffix, SafetensorsDataType.Float32, rows, count);
        }
        QuantizedEntry joined = new(name, [rows, columns], form, elements, scales, sums, multipliers, columnScales, wideInputs, wide);
        if (!_left.TryAdd(name, joined))
            throw new ModelFormatException(_path, $"tensor '{name}' is there twice, quantized and as it is or in two ways.");
    }

    private SafetensorsEntry Take(string name, SafetensorsDataType type, params long[] shape)
    {
        if (!_left.Remove(name, out var entry))
            throw new ModelFormatException(_path, $"tensor '{name}' of a quantized weight is missing; quantize the model again.");
        return entry.DataType == type && entry.Shape.AsSpan().SequenceEqual(shape)
            ? entry
            : throw Fault(entry, $"{type.FormatName()}[{string.Join(", ", shape)}]");
    }

    private ModelFormatException Fault(SafetensorsEntry entry, string wanted) =>
        new(_path, $"tensor '{entry.Name}' is {entry.Describe()}, not {wanted}; the file is damaged or was not written by this project.");
}
