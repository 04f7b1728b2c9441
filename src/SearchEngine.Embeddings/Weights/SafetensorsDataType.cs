namespace SearchEngine.Embeddings;

/// <summary>Element types of the safetensors format that this project reads and writes. All are little-endian.</summary>
internal enum SafetensorsDataType
{
    Bool,
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    UInt64,
    Int64,
    Float8E4M3,
    Float8E5M2,
    Float16,
    BFloat16,
    Float32,
    Float64,
}
