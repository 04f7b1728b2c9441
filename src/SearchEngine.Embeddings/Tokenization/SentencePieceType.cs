namespace SearchEngine.Embeddings;

/// <summary>The types of a SentencePiece piece, with the numbers of its protobuf schema.</summary>
internal enum SentencePieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
