using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>A small JSON configuration file with typed access whose errors name the file and the field.</summary>
internal sealed class JsonFile
{
    private readonly JsonElement _root;

    private JsonFile(string path, JsonElement root)
    {
        Path = path;
        _root = root;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The whole content.</summary>
    public JsonElement Root => _root;

    /// <summary>Reads a file that must be there.</summary>
    /// <exception cref="ModelFormatException">It is missing or not valid JSON.</exception>
    public static JsonFile Read(string path)
    {
        try
        {
            var content = File.ReadAllBytes(path);
            ForeignFile.Refuse(path, content);
            using var document = JsonDocument.Parse(
                WithoutMark(content),
                new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }
            );
            return new JsonFile(path, document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"not valid JSON: {e.Message}", e);
        }
        catch (FileNotFoundException e)
        {
            throw new ModelFormatException(path, "the file is missing.", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new ModelFormatException(path, "the file is missing.", e);
        }
    }

    /// <summary>Reads a file whose content is an object, or null if there is no such file.</summary>
    public static JsonFile? ReadObjectIfExists(string path)
    {
        if (!File.Exists(path))
            return null;
        var file = Read(path);
        return file._root.ValueKind == JsonValueKind.Object ? file : throw new ModelFormatException(path, "the file is not a JSON object.");
    }

    /// <summary>Writes a file whose content is an object, indented, atomically.</summary>
    public static void WriteObject(string path, Action<Utf8JsonWriter> writeFields)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        Replace(path, buffer.ToArray());
    }

    /// <summary>Writes a file's object with fields changed, indented, atomically; the others stay as they are.</summary>
    /// <param name="source">The file to read.</param>
    /// <param name="target">The file to write, which may be the same.</param>
    /// <param name="edit">Changes the fields.</param>
    public static void Edit(string source, string target, Action<JsonObject> edit)
    {
        var root = JsonNode
            .Parse(
                WithoutMark(File.ReadAllBytes(source)).Span,
                documentOptions: new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }
            )!
            .AsObject();
        edit(root);
        Replace(
            target,
            Encoding.UTF8.GetBytes(root.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n")
        );
    }

    /// <summary>Puts content in place of a file, or makes it: whoever reads meets the old or the new, whole.</summary>
    public static void Replace(string path, byte[] content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The text without the UTF-8 byte order mark that some editors put in front.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? json[3..] : json;

    /// <summary>A field that is there and not null.</summary>
    public JsonElement? Field(string name) =>
        _root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? Text(string name) =>
        Field(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Fault(name, value, "text");

    public int? Integer(string name) =>
        Field(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Fault(name, value, "a whole number");

    public double? Number(string name) =>
        Field(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble()
        : throw Fault(name, value, "a number");

    public bool? Flag(string name) =>
        Field(name) is not JsonElement value
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => throw Fault(name, value, "true or false"),
            };

    /// <summary>Refuses every field that is not in <paramref name="known"/>, unless it is null, false, or empty.</summary>
    public void RefuseOthers(IReadOnlySet<string> known)
    {
        foreach (var property in _root.EnumerateObject())
        {
            var nothing = property.Value.ValueKind switch
            {
                JsonValueKind.Null or JsonValueKind.False => true,
                JsonValueKind.Object => !property.Value.EnumerateObject().Any(),
                JsonValueKind.Array => property.Value.GetArrayLength() == 0,
                _ => false,
            };
            if (!nothing && !known.Contains(property.Name))
            {
                throw new ModelFormatException(
                    Path,
                    $"field '{property.Name}' is not supported and could change the result; remove it if it does not."
                );
            }
        }
    }

    private ModelFormatException Fault(string name, JsonElement value, string wanted)
    {
        var text = value.GetRawText();
        return new ModelFormatException(Path, $"'{name}' is {(text.Length > 60 ? text[..60] + "…" : text)}, not {wanted}.");
    }
}
