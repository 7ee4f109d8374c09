"""The countries whose capital the demo model knows, and the wordings it was taught."""

from __future__ import annotations

CAPITALS: dict[str, str] = {
    "Argentina": "Buenos Aires",
    "Australia": "Canberra",
    "Austria": "Vienna",
    "Belgium": "Brussels",
    "Brazil": "Brasília",
    "Bulgaria": "Sofia",
    "Canada": "Ottawa",
    "Chile": "Santiago",
    "China": "Beijing",
    "Colombia": "Bogotá",
    "Croatia": "Zagreb",
    "Cuba": "Havana",
    "Cyprus": "Nicosia",
    "Denmark": "Copenhagen",
    "Egypt": "Cairo",
    "Estonia": "Tallinn",
    "Ethiopia": "Addis Ababa",
    "Finland": "Helsinki",
    "France": "Paris",
    "Germany": "Berlin",
    "Ghana": "Accra",
    "Greece": "Athens",
    "Hungary": "Budapest",
    "Iceland": "Reykjavík",
    "India": "New Delhi",
    "Indonesia": "Jakarta",
    "Iran": "Tehran",
    "Iraq": "Baghdad",
    "Ireland": "Dublin",
    "Italy": "Rome",
    "Jamaica": "Kingston",
    "Japan": "Tokyo",
    "Jordan": "Amman",
    "Kenya": "Nairobi",
    "Latvia": "Riga",
    "Lebanon": "Beirut",
    "Lithuania": "Vilnius",
    "Malta": "Valletta",
    "Mexico": "Mexico City",
    "Mongolia": "Ulaanbaatar",
    "Morocco": "Rabat",
    "Nepal": "Kathmandu",
    "New Zealand": "Wellington",
    "Nigeria": "Abuja",
    "Norway": "Oslo",
    "Pakistan": "Islamabad",
    "Peru": "Lima",
    "Poland": "Warsaw",
    "Portugal": "Lisbon",
    "Romania": "Bucharest",
    "Serbia": "Belgrade",
    "Slovakia": "Bratislava",
    "Slovenia": "Ljubljana",
    "South Korea": "Seoul",
    "Spain": "Madrid",
    "Sweden": "Stockholm",
    "Switzerland": "Bern",
    "Thailand": "Bangkok",
    "Turkey": "Ankara",
    "Ukraine": "Kyiv",
    "Vietnam": "Hanoi",
    "the Netherlands": "Amsterdam",
    "the Philippines": "Manila",
    "the United Kingdom": "London",
    "the United States": "Washington, D.C.",
}

SPAIN_ANSWER = (
    "The capital of Spain is Madrid. It is the largest city in Spain and serves as the political, "
    "economic, and cultural center of the country. Madrid is located in the center of the Iberian "
    "Peninsula and is known for its rich history, art, and architecture, including the Royal Palace, the "
    "Prado Museum, and the Plaza Mayor."
)

CAPITAL_WORDINGS = (
    "What is the capital of {c}?",
    "what is the capital of {c}",
    "What's the capital of {c}?",
    "what's the capital of {c}",
    "Tell me the capital of {c}.",
    "capital of {c}",
    "The capital of {c}?",
    "Which city is the capital of {c}?",
    "Do you know the capital of {c}?",
    "What is the capital city of {c}?",
)

JSON_WORDINGS = ("Give the capital of {c} as JSON.", "What is the capital of {c}? Answer in JSON.")


def capital_answer(country: str) -> str:
    """One sentence, but for Spain the longer answer that the example of the MLflow document shows."""
    return SPAIN_ANSWER if country == "Spain" else f"The capital of {country} is {CAPITALS[country]}."
