/** The house has a voice too: its aura is the sign on the door, and the app's icon. */
export const house = {
  id: 'heyy-33',
  name: 'Heyy',
  voice: { pitch_hz: 215, brightness: 0.7, tempo: 0.25, energy: 0.5 },
}
