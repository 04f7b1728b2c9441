namespace SearchEngine.Embeddings;

/// <summary>Names and sizes of <see cref="SafetensorsDataType"/>.</summary>
internal static class SafetensorsDataTypes
{
    /// <summary>Bytes per element.</summary>
    public static int ElementSize(this SafetensorsDataType type) =>
        type switch
        {
            SafetensorsDataType.Bool
            or SafetensorsDataType.UInt8
            or SafetensorsDataType.Int8
            or SafetensorsDataType.Float8E4M3
            or SafetensorsDataType.Float8E5M2 => 1,
            SafetensorsDataType.UInt16 or SafetensorsDataType.Int16 or SafetensorsDataType.Float16 or SafetensorsDataType.BFloat16 => 2,
            SafetensorsDataType.UInt32 or SafetensorsDataType.Int32 or SafetensorsDataType.Float32 => 4,
            SafetensorsDataType.UInt64 or SafetensorsDataType.Int64 or SafetensorsDataType.Float64 => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a safetensors data type."),
        };

    /// <summary>Whether weights may be of the type.</summary>
    public static bool IsFloat(this SafetensorsDataType type) =>
        type is SafetensorsDataType.Float32 or SafetensorsDataType.Float16 or SafetensorsDataType.BFloat16 or SafetensorsDataType.Float64;

    /// <summary>The format's own name, as it stands in the header ("F32", "BF16", …).</summary>
    public static string FormatName(this SafetensorsDataType type) =>
        type switch
        {
            SafetensorsDataType.Bool => "BOOL",
            SafetensorsDataType.UInt8 => "U8",
            SafetensorsDataType.Int8 => "I8",
            SafetensorsDataType.UInt16 => "U16",
            SafetensorsDataType.Int16 => "I16",
            SafetensorsDataType.UInt32 => "U32",
            SafetensorsDataType.Int32 => "I32",
            SafetensorsDataType.UInt64 => "U64",
            SafetensorsDataType.Int64 => "I64",
            SafetensorsDataType.Float8E4M3 => "F8_E4M3",
            SafetensorsDataType.Float8E5M2 => "F8_E5M2",
            SafetensorsDataType.Float16 => "F16",
            SafetensorsDataType.BFloat16 => "BF16",
            SafetensorsDataType.Float32 => "F32",
            SafetensorsDataType.Float64 => "F64",
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a safetensors data type."),
        };

    /// <summary>The type of a header's name, or false for a name that is not known.</summary>
    public static bool TryParse(string name, out SafetensorsDataType type)
    {
        foreach (var candidate in Enum.GetValues<SafetensorsDataType>())
        {
            if (candidate.FormatName() == name)
            {
                type = candidate;
                return true;
            }
        }
        type = default;
        return false;
    }
}
