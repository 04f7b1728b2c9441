namespace SearchEngine.Embeddings;

/// <summary>One piece of a SentencePiece vocabulary; its id is its place.</summary>
internal readonly record struct SentencePiece(string Text, float Score, SentencePieceType Type);
