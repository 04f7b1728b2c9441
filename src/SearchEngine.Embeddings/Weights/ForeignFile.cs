using System.Text;

namespace SearchEngine.Embeddings.Weights;

/// <summary>Recognises what people have in the place of a model's file, so that the error can say what it is.</summary>
internal static class ForeignFile
{
    private static ReadOnlySpan<byte> LfsPointer => "version https://git-lfs.github.com/spec/"u8;

    /// <summary>Throws if the file begins like something else than it should be.</summary>
    /// <exception cref="ModelFormatException">It is a Git LFS pointer, or a file of another format.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> start)
    {
        if (start.StartsWith(LfsPointer))
        {
            throw new ModelFormatException(
                path,
                "this is a Git LFS pointer, a note of where the file is, not the file itself; run 'git lfs pull' in the folder, or download the file."
            );
        }
        if (start.StartsWith("GGUF"u8))
            throw new ModelFormatException(path, GgufAdvice);
        if (start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith((ReadOnlySpan<byte>)[0x80, 0x02]))
            throw new ModelFormatException(path, $"this is a pickled PyTorch file. {PickleAdvice}");
        if (
            start.TrimStart(" \t\r\n"u8).StartsWith("<"u8)
            && Encoding.UTF8.GetString(start).Contains("<html", StringComparison.OrdinalIgnoreCase)
        )
        {
            throw new ModelFormatException(path, "this is a web page, not the file itself; download the raw file.");
        }
    }

    /// <summary>What to do about GGUF files.</summary>
    public const string GgufAdvice =
        "this is a GGUF file (llama.cpp's format), which is not read; fetch the model's original Hugging Face checkpoint with its .safetensors files.";

    /// <summary>What to do about pickled weights.</summary>
    public const string PickleAdvice =
        "Pickled weights (.bin, .pt) can run code and are not read; convert the folder once, in Python: "
        + "from transformers import AutoModel; AutoModel.from_pretrained('FOLDER').save_pretrained('FOLDER', safe_serialization=True)";
}
