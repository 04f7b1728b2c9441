using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Text with white space collapsed as a browser does.</summary>
internal sealed class InlineText
{
    private readonly StringBuilder _text = new();

    /// <summary>The line of the file that the text started on, where it is known.</summary>
    internal int? Line { get; set; }

    internal void Append(string data)
    {
        foreach (var c in data)
        {
            if (c is ' ' or '\n' or '\t' or '\r' or '\f')
            {
                if (_text.Length > 0 && _text[^1] is not (' ' or '\n'))
                {
                    _text.Append(' ');
                }
            }
            else if (c != '\u00ad')
            {
                // Soft hyphens are invisible: "infor\u00admation" is one word to whoever searches it.
                _text.Append(c);
            }
        }
    }

    internal void NewLine()
    {
        if (_text.Length == 0 || _text[^1] == '\n')
        {
            return;
        }

        if (_text[^1] == ' ')
        {
            _text.Length--;
        }

        _text.Append('\n');
    }

    /// <summary>Puts a space where words would otherwise run together.</summary>
    internal void Space() => Append(" ");

    internal string Take()
    {
        var text = _text.ToString();
        _text.Clear();
        Line = null;
        return text;
    }
}
